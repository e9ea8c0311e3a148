package com.acme;

/** What the shop wants of whoever knows its discounts. */
public interface Discount {
    /** What is to pay instead of the full price, both in cents. */
    int price(int full);
}
