-- Alerts: single strong earthquakes as a stream, and swarms, hours with eight or more in one network.
CREATE STREAM quakes (id VARCHAR KEY, time BIGINT, net VARCHAR, mag DOUBLE, place VARCHAR)
  WITH (kafka_topic = 'quakes', partitions = 1, value_format = 'json', timestamp = 'time');

CREATE STREAM strong AS SELECT id, mag, place FROM quakes WHERE mag >= 6;

CREATE TABLE swarms AS
  SELECT net, COUNT(*) AS quakes FROM quakes WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 30 DAYS)
  GROUP BY net HAVING COUNT(*) >= 8;

-- load earthquakes.ndjson INTO QUAKES

-- check
SELECT id, mag, place FROM strong;
-- => us2000crmu | 6.1 | 35km S of Jarm, Afghanistan
-- => us1000cdn0 | 6.0 | 272km SSE of Sigave, Wallis and Futuna
-- => us1000ce9r | 6.0 | 265km NE of Scott Island Bank, Antarctica
-- => us1000cfn6 | 6.1 | 21km NNE of Hualian, Taiwan
-- => us1000chhc | 6.4 | 22km NNE of Hualian, Taiwan

-- check
SELECT net, quakes FROM swarms;
-- => ak | 8
-- => ci | 8
-- => nn | 10
-- => nn | 10
