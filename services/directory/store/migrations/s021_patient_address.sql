-- Sealed like the name.
ALTER TABLE patient ADD COLUMN address_cipher VARBINARY(1000) NULL
