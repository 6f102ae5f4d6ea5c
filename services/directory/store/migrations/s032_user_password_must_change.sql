-- 1: an administrator set the password; its owner chooses another one before anything else.
ALTER TABLE user_account ADD COLUMN password_must_change TINYINT NOT NULL DEFAULT 0
