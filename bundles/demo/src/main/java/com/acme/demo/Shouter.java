package com.acme.demo;

/** Says things louder. */
public interface Shouter {
    String shout(String text);
}
