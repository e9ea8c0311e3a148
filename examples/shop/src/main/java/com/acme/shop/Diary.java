package com.acme.shop;

import org.sallyport.Caller;

/** What rules may do besides computing: functions that plugins import from the module {@code shop}. */
public interface Diary {
    void note(Caller caller, String text);
}
