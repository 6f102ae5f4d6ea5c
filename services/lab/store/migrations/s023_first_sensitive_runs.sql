-- Reports that are stored already follow the first codes.
INSERT INTO timer (kind, aggregate_id, name, due_at, try_at, attempt, payload, last_error)
  SELECT 'lab.Sensitivity', code_id, 'run', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 0, '', '' FROM sensitive_code
