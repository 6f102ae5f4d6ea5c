-- Which seat of the session; NULL: told of before the pools of seats were.
ALTER TABLE offered_seat ADD COLUMN seat_number INT NULL
