-- Orders arrive with a customer's number; the table of customers puts name and country beside it.
-- A customer who moves changes later orders, not earlier ones.
CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR, country VARCHAR)
  WITH (kafka_topic = 'customers', partitions = 1, value_format = 'json');
CREATE STREAM orders (order_id INT KEY, customer INT, amount DECIMAL(8,2))
  WITH (kafka_topic = 'orders', partitions = 1, value_format = 'json');

CREATE STREAM enriched AS
  SELECT customer, order_id, amount, name, country
  FROM orders LEFT JOIN customers ON customer = id;
CREATE TABLE per_country AS
  SELECT country, COUNT(*) AS orders, SUM(amount) AS total FROM enriched GROUP BY country;

INSERT INTO customers (ROWTIME, id, name, country) VALUES (1000, 1, 'Ada', 'UK');
INSERT INTO customers (ROWTIME, id, name, country) VALUES (1000, 2, 'Edsger', 'NL');

INSERT INTO orders (ROWTIME, order_id, customer, amount) VALUES (2000, 100, 1, 10.50);
INSERT INTO orders (ROWTIME, order_id, customer, amount) VALUES (3000, 101, 2, 20.00);
INSERT INTO orders (ROWTIME, order_id, customer, amount) VALUES (4000, 102, 3, 1.25);

-- check
SELECT order_id, amount, name, country FROM enriched;
-- => 100 | 10.50 | Ada | UK
-- => 101 | 20.00 | Edsger | NL
-- => 102 | 1.25 | NULL | NULL

INSERT INTO customers (ROWTIME, id, name, country) VALUES (5000, 2, 'Edsger', 'US');

-- check
SELECT * FROM per_country WHERE country = 'NL';
-- => NL | 1 | 20.00
