ALTER TABLE referral ADD COLUMN consent_withdrawn BOOLEAN NOT NULL DEFAULT FALSE COMMENT 'noted while open; rpc/consent.h'
