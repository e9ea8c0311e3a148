package com.acme.demo;

/** Takes memory. */
public interface Eater {
    /** @return the mebibytes it got */
    int eat();
}
