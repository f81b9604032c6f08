CREATE STREAM quakes (id VARCHAR KEY, time BIGINT, net VARCHAR, mag DOUBLE, place VARCHAR, depth_km DOUBLE, felt INT)
  WITH (kafka_topic = 'quakes', partitions = 1, value_format = 'json', timestamp = 'time');
CREATE TABLE networks (net VARCHAR PRIMARY KEY, name VARCHAR)
  WITH (kafka_topic = 'networks', partitions = 1, value_format = 'json');

CREATE STREAM strong_quakes AS SELECT id, mag, place FROM quakes WHERE mag >= 5.5;
CREATE TABLE per_network AS SELECT net, COUNT(*) AS quakes, MAX(mag) AS strongest FROM quakes GROUP BY net;
CREATE TABLE per_hour AS SELECT net, COUNT(*) AS quakes, MAX(mag) AS strongest
  FROM quakes WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 30 DAYS) GROUP BY net;
CREATE STREAM named_quakes AS SELECT quakes.net AS net, id, mag, place, name
  FROM quakes LEFT JOIN networks ON quakes.net = networks.net;

INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'ak', 'Alaska Earthquake Center');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'ci', 'Southern California');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'hv', 'Hawaii');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'nc', 'Northern California');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'nn', 'Nevada');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'pr', 'Puerto Rico');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'us', 'National Earthquake Information Center');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'uu', 'Utah');
INSERT INTO networks (ROWTIME, net, name) VALUES (0, 'uw', 'Pacific Northwest');
