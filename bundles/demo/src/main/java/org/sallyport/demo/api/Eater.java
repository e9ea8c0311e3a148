package org.sallyport.demo.api;

/** Takes memory. */
public interface Eater {
    /** @return the mebibytes it got */
    int eat();
}
