"""Quality of generated samples: functions of arrays."""
