-- Held by who takes a report in, shut by who changes a code's class: no report slips between a change and its walk.
CREATE TABLE sensitive_gate (
  gate TINYINT NOT NULL,
  PRIMARY KEY (gate)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin
