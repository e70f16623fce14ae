-- Customers who owe money for more than 30 days, the largest debt first.
SELECT c.customer_id,
       c.name,
       COUNT(*)           AS open_invoices,
       SUM(i.amount_due)  AS total_due,
       MIN(i.due_date)    AS oldest_due_date
FROM customers AS c
JOIN invoices  AS i ON i.customer_id = c.customer_id
WHERE i.paid_at IS NULL
  AND i.due_date < CURRENT_DATE - INTERVAL '30 days'
GROUP BY c.customer_id, c.name
HAVING SUM(i.amount_due) > 0
ORDER BY total_due DESC;
