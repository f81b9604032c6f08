-- Which networks saw their last three earthquakes grow from one to the next?
-- A table keeps the last three magnitudes; HAVING lets a network in while they rise, and out again.
CREATE STREAM quakes (id VARCHAR KEY, time BIGINT, net VARCHAR, mag DOUBLE)
  WITH (kafka_topic = 'quakes', partitions = 1, value_format = 'json', timestamp = 'time');

CREATE TABLE rising AS
  SELECT net, LATEST_BY_OFFSET(mag, 3) AS last_three
  FROM quakes GROUP BY net
  HAVING LATEST_BY_OFFSET(mag, 3)[1] < LATEST_BY_OFFSET(mag, 3)[2]
     AND LATEST_BY_OFFSET(mag, 3)[2] < LATEST_BY_OFFSET(mag, 3)[3];

-- load earthquakes.ndjson INTO QUAKES

-- check
SELECT * FROM rising;
-- => ci | [0.54,1.6,2.0]
-- => nn | [1.6,2.0,2.1]
