CREATE INDEX ix_patient__match_rules ON patient (match_rules, patient_id)
