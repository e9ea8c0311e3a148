package com.acme.itests;

/** Implemented by {@code adder.wat}, which tells {@link Notes} about each sum. */
public interface Adder {
    int add(int a, int b);
}
