-- Stays of before: each was told of by its admission.
UPDATE admission SET admission_recorded_at = admitted_at, discharge_recorded_at = discharged_at
