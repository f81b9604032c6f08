-- A shop's funnel without sessions: how many visitors viewed, filled a cart, bought?
-- One row per visitor says how far they came; a second table counts visitors per stage.
CREATE STREAM events (visitor VARCHAR KEY, action VARCHAR)
  WITH (kafka_topic = 'events', partitions = 1, value_format = 'json');

CREATE TABLE visitors AS
  SELECT visitor,
         CASE WHEN SUM(CASE WHEN action = 'buy' THEN 1 ELSE 0 END) > 0 THEN 'bought'
              WHEN SUM(CASE WHEN action = 'cart' THEN 1 ELSE 0 END) > 0 THEN 'cart'
              ELSE 'viewed' END AS stage
  FROM events GROUP BY visitor;

CREATE TABLE funnel AS SELECT stage, COUNT(*) AS visitors FROM visitors GROUP BY stage;

INSERT INTO events VALUES ('ada', 'view');
INSERT INTO events VALUES ('bob', 'view');
INSERT INTO events VALUES ('ada', 'cart');
INSERT INTO events VALUES ('cy', 'view');
INSERT INTO events VALUES ('ada', 'buy');
INSERT INTO events VALUES ('bob', 'cart');
INSERT INTO events VALUES ('dan', 'view');

-- check
SELECT * FROM funnel;
-- => bought | 1
-- => cart | 1
-- => viewed | 2

-- check
SELECT stage FROM visitors WHERE visitor = 'bob';
-- => cart
