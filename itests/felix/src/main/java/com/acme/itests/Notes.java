package com.acme.itests;

import org.sallyport.Caller;

/** Host module {@code notes}. */
public interface Notes {
    void note(Caller caller, int value);
}
