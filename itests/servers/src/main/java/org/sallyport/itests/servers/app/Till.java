package org.sallyport.itests.servers.app;

/** What the plugin imports. */
public interface Till {
    void note(int cents);
}
