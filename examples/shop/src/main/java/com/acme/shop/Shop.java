package com.acme.shop;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** What is below {@code /api}. */
@ApplicationPath("api")
public class Shop extends Application {}
