package com.acme.demo;

/** Puts two numbers together. */
public interface Adder {
    int add(int a, int b);
}
