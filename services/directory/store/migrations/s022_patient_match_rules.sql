-- Which edition of the blocking rules made the patient's keys; 0: none yet, a job makes them.
ALTER TABLE patient ADD COLUMN match_rules SMALLINT NOT NULL DEFAULT 0
