-- Watching services: the error rate per minute, and the last thing each service said.
CREATE STREAM requests (service VARCHAR KEY, status INT, ms INT)
  WITH (kafka_topic = 'requests', partitions = 1, value_format = 'json');

CREATE TABLE health AS
  SELECT service,
         COUNT(*) AS requests,
         SUM(CASE WHEN status >= 500 THEN 1 ELSE 0 END) * 100 / COUNT(*) AS error_percent,
         MAX(ms) AS slowest_ms
  FROM requests WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY service;

CREATE TABLE last_seen AS
  SELECT service, LATEST_BY_OFFSET(status) AS status, COUNT(*) AS total FROM requests GROUP BY service;

CREATE TABLE alarms AS
  SELECT service, COUNT(*) AS failures FROM requests WINDOW TUMBLING (SIZE 1 MINUTE)
  WHERE status >= 500 GROUP BY service HAVING COUNT(*) >= 2;

INSERT INTO requests (ROWTIME, service, status, ms) VALUES (1000, 'shop', 200, 12);
INSERT INTO requests (ROWTIME, service, status, ms) VALUES (2000, 'shop', 500, 900);
INSERT INTO requests (ROWTIME, service, status, ms) VALUES (3000, 'mail', 200, 5);
INSERT INTO requests (ROWTIME, service, status, ms) VALUES (4000, 'shop', 503, 30);
INSERT INTO requests (ROWTIME, service, status, ms) VALUES (5000, 'shop', 200, 20);
INSERT INTO requests (ROWTIME, service, status, ms) VALUES (61000, 'shop', 200, 10);

-- check
SELECT WINDOWSTART, requests, error_percent, slowest_ms FROM health WHERE service = 'shop';
-- => 0 | 4 | 50 | 900
-- => 60000 | 1 | 0 | 10

-- check
SELECT service, failures FROM alarms;
-- => shop | 2

-- check
SELECT * FROM last_seen WHERE service = 'mail';
-- => mail | 200 | 1
