package org.sallyport.itests.felix.api;

/** Host module {@code dictionary}. */
public interface Dictionary {
    String lookUp(String word);

    byte[] raw(byte[] key, boolean reversed);
}
