package com.acme.demo;

import org.sallyport.Caller;

/** What the host module {@code log} offers to plugins. */
public interface LogFunctions {
    void info(Caller caller, String message);
}
