package org.sallyport.demo.api;

/** Says things louder. */
public interface Shouter {
    String shout(String text);
}
