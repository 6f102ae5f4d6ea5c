CREATE TABLE follow_up_task (
  referral_id BINARY(16) NOT NULL,
  ordinal SMALLINT NOT NULL,
  task_id BINARY(16) NOT NULL,
  instruction TEXT NOT NULL,
  due_date DATE NOT NULL,
  state TINYINT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (referral_id, ordinal),
  UNIQUE KEY uq_follow_up_task__task (task_id)
) DEFAULT CHARSET=utf8mb4
