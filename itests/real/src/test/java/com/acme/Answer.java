package com.acme;

/** What a plugin says. */
public interface Answer {
    int getAsInt();
}
