-- How many earthquakes did each network report per hour, and how strong was the strongest?
-- RETENTION keeps the closed hours readable.
-- Data: one week of real earthquakes, ordered by event time.
CREATE STREAM quakes (id VARCHAR KEY, time BIGINT, net VARCHAR, mag DOUBLE, place VARCHAR)
  WITH (kafka_topic = 'quakes', partitions = 1, value_format = 'json', timestamp = 'time');

CREATE TABLE per_hour AS
  SELECT net, COUNT(*) AS quakes, MAX(mag) AS strongest
  FROM quakes WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 30 DAYS, GRACE PERIOD 10 MINUTES)
  GROUP BY net;

CREATE TABLE per_network AS
  SELECT net, COUNT(*) AS quakes, MAX(mag) AS strongest FROM quakes GROUP BY net;

-- load earthquakes.ndjson INTO QUAKES

-- check
SELECT * FROM per_network WHERE net = 'us';
-- => us | 168 | 6.4

-- check
SELECT net, quakes FROM per_hour WHERE net = 'nn' AND WINDOWSTART = '2018-02-03T17:00:00';
-- => nn | 10
