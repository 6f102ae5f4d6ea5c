-- Whether somebody else's attachment has the same content, before the content is thrown away.
ALTER TABLE attachment ADD KEY ix_attachment__blob (blob_id)
