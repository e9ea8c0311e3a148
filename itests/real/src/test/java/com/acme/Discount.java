package com.acme;

import java.util.List;

/** An application's interface, as plugins may offer it: of no package of ours. */
public interface Discount {
    record Item(String name, int count, long cents) {}

    long priceOf(List<Item> basket);
}
