ALTER TABLE referral_fact ADD KEY ix_referral_fact__organization (organization_id, day)
