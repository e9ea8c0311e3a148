package com.acme.shop;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;

/** Something to sell. The shop draws a picture of it, a tenant's rule changes that. */
public record Article(String tenant, String name, long cents, int colour) {
    static final int SIZE = 64;
    private static final int CHANNELS = 4;

    static final List<Article> ALL = List.of(
            new Article("tea", "green tea", 450, 0x3c8c50), new Article("tea", "cup", 800, 0x2850c8),
            new Article("books", "atlas", 3900, 0xc83c28), new Article("books", "novel", 1250, 0xc8a028));

    /** As {@link ImageRule} has it. */
    byte[] picture() {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setColor(new Color(colour));
        graphics.fillOval(SIZE / 8, SIZE / 8, SIZE * 3 / 4, SIZE * 3 / 4);
        graphics.dispose();
        byte[] pixels = new byte[SIZE * SIZE * CHANNELS];
        for (int i = 0; i < SIZE * SIZE; i++) {
            int argb = image.getRGB(i % SIZE, i / SIZE);
            pixels[i * CHANNELS] = (byte) (argb >> 16);
            pixels[i * CHANNELS + 1] = (byte) (argb >> 8);
            pixels[i * CHANNELS + 2] = (byte) argb;
            pixels[i * CHANNELS + 3] = (byte) (argb >> 24);
        }
        return pixels;
    }

    /** @throws IllegalArgumentException if these are not as many pixels as there were */
    static byte[] png(byte[] pixels) throws IOException {
        if (pixels.length != SIZE * SIZE * CHANNELS) {
            throw new IllegalArgumentException("the rule made " + pixels.length + " bytes, not " + SIZE * SIZE * CHANNELS);
        }
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < SIZE * SIZE; i++) {
            int from = i * CHANNELS;
            image.setRGB(i % SIZE, i / SIZE, (pixels[from + 3] & 255) << 24 | (pixels[from] & 255) << 16
                    | (pixels[from + 1] & 255) << 8 | pixels[from + 2] & 255);
        }
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }
}
