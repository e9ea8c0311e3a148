package com.acme.itests;

/** Implemented by {@code texts.wat}, which looks words up in {@link Dictionary}. */
public interface Texts {
    /** The dictionary's word for this word. */
    String translate(String word);

    byte[] reverse(byte[] bytes);

    /** Whether there is nothing in it. */
    boolean isEmpty(String text);

    /** Not the same. */
    boolean not(boolean b);

    double mix(int a, long b, float c, double d);

    /** Buffers that the guest has out. */
    int taken();
}
