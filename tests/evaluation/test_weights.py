"""Weights of rows and of classes: which classifiers take them, and under which names."""

from imblearn.ensemble import EasyEnsembleClassifier
from imblearn.pipeline import make_pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ganaug.evaluation.weights import weight_name, with_class_weights


def test_class_weights_reach_the_classifier_inside_a_pipeline():
    weighted = with_class_weights(make_pipeline(StandardScaler(), LogisticRegression()))
    assert weighted[-1].class_weight == "balanced"


def test_a_classifier_without_class_weights_has_no_weighted_form():
    assert with_class_weights(KNeighborsClassifier()) is None


def test_pipelines_that_resample_and_estimators_without_routing_get_no_weights():
    resampling = make_pipeline(RandomUnderSampler(random_state=0), LogisticRegression())
    assert weight_name(resampling) is None
    assert weight_name(make_pipeline(StandardScaler(), resampling)) is None
    nested = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), SVC()))
    assert weight_name(nested) == "pipeline__svc__sample_weight"
    with config_context(enable_metadata_routing=True):
        assert weight_name(OneVsRestClassifier(SVC())) is None
        assert weight_name(EasyEnsembleClassifier()) is None
