package com.acme.shop;

/** How a tenant shows its goods: a plugin's export. */
public interface ImageRule {
    /**
     * Another image of the same size.
     *
     * @param pixels red, green, blue and opacity of each pixel, a byte each, line after line
     * @param width pixels in a line
     */
    byte[] paint(byte[] pixels, int width);
}
