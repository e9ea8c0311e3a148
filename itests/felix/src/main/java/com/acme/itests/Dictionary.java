package com.acme.itests;

/** Host module {@code dictionary}. */
public interface Dictionary {
    String lookUp(String word);

    byte[] raw(byte[] key, boolean reversed);
}
