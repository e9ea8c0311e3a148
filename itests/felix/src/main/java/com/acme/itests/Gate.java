package com.acme.itests;

/** Host module {@code gate}. */
public interface Gate {
    int pass(int ticket);
}
