package com.acme.shop;

/** What a tenant charges: a plugin's export. */
public interface PriceRule {
    /** What is to pay for so many pieces, in cents. */
    long price(String article, long cents, int count);
}
