"""How good generated samples are: functions of arrays."""
