package org.sallyport.itests.servers.app;

/** What the plugin exports. */
public interface Discount {
    int price(int cents);
}
