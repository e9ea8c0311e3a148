package com.acme.shop;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.sallyport.SallyportException;
import org.sallyport.cdi.Plugins;
import org.sallyport.host.Plugin;
import org.sallyport.host.PluginHost;
import org.sallyport.host.PluginUpdate;
import org.sallyport.host.UpdateRefusedException;
import org.sallyport.text.Wat;

/** The shop: goods with prices and pictures by their tenants' rules, and new rules while it is open. */
@Path("")
@RequestScoped
public class ShopResource {
    private static final int[] BINARY = {0, 'a', 's', 'm'};

    @Inject
    private Tenants tenants;

    @Inject
    private TenantDiary diary;

    @Inject
    private Plugins plugins;

    @Inject
    private PluginHost host;

    @GET
    @Path("articles")
    @Produces(MediaType.APPLICATION_JSON)
    public JsonArray articles(@QueryParam("count") @DefaultValue("1") int count) {
        JsonArrayBuilder all = Json.createArrayBuilder();
        for (Article article : Article.ALL) {
            var entry = Json.createObjectBuilder()
                    .add("tenant", article.tenant())
                    .add("name", article.name())
                    .add("list", article.cents() * count);
            try {
                entry.add("price", rules(article.tenant()).price().price(article.name(), article.cents(), count));
            } catch (SallyportException e) { // one tenant's fault is not another's
                entry.add("price", article.cents() * count).add("problem", String.valueOf(e.getMessage()));
            }
            all.add(entry);
        }
        return all.build();
    }

    @GET
    @Path("articles/{name}/picture")
    @Produces("image/png")
    public byte[] picture(@PathParam("name") String name) throws IOException {
        Article article = Article.ALL.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(NotFoundException::new);
        try {
            return Article.png(rules(article.tenant()).image().paint(article.picture(), Article.SIZE));
        } catch (SallyportException | IllegalArgumentException e) {
            return Article.png(article.picture());
        }
    }

    @GET
    @Path("tenants/{tenant}")
    @Produces(MediaType.APPLICATION_JSON)
    public JsonObject tenant(@PathParam("tenant") String tenant) {
        rules(tenant);
        JsonArrayBuilder states = Json.createArrayBuilder();
        for (Plugin plugin : host.plugins()) {
            if (plugin.id().startsWith(tenant + ".")) {
                Plugin.Counters counters = plugin.counters();
                states.add(Json.createObjectBuilder()
                        .add("id", plugin.id())
                        .add("state", plugin.state().toString())
                        .add("from", plugin.origin().location())
                        .add("calls", counters.calls())
                        .add("memory", counters.memoryBytes()));
            }
        }
        return Json.createObjectBuilder()
                .add("plugins", states)
                .add("notes", Json.createArrayBuilder(diary.of(tenant)))
                .build();
    }

    /** A new rule, from the next call on. A shop of real tenants asks who sends it. */
    @PUT
    @Path("tenants/{tenant}/{rule}")
    @Produces(MediaType.TEXT_PLAIN)
    public Response deploy(@PathParam("tenant") String tenant, @PathParam("rule") String rule, byte[] module) {
        rules(tenant);
        try {
            PluginUpdate update = plugins.replace(tenant + "." + rule, binary(module), "upload:" + tenant);
            return Response.ok(update.state().toString()).build();
        } catch (SallyportException | UpdateRefusedException | IllegalArgumentException e) { // broken, misfit, no such rule
            return Response.status(Response.Status.BAD_REQUEST).entity(e.getMessage()).build();
        }
    }

    /** Of a module in the text format, too. */
    private static byte[] binary(byte[] module) {
        for (int i = 0; i < BINARY.length; i++) {
            if (i >= module.length || module[i] != BINARY[i]) {
                return Wat.compile(new String(module, StandardCharsets.UTF_8), "upload");
            }
        }
        return module;
    }

    private Tenants.Rules rules(String tenant) {
        Tenants.Rules rules = tenants.all().get(tenant);
        if (rules == null) {
            throw new NotFoundException();
        }
        return rules;
    }
}
