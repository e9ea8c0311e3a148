package com.acme;

import jakarta.inject.Inject;
import jakarta.ws.rs.*;
import jakarta.ws.rs.core.Application;
import org.sallyport.cdi.Plugin;

@Path("greet/{name}")
public class Till {
    public interface Greeter { String greet(String name); }

    @ApplicationPath("/")
    public static class Api extends Application {}

    @Inject @Plugin("greeter") Greeter greeter;

    @GET public String greet(@PathParam("name") String name) {
        return greeter.greet(name);
    }
}
