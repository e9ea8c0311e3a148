package com.acme.shop;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.sallyport.cdi.Plugin;

/** Who sells here, and by which rules. The deployment fails if a rule is missing or does not fit. */
@ApplicationScoped
public class Tenants {
    /** A tenant's plugins; they are called {@code TENANT.price} and {@code TENANT.image}. */
    public record Rules(PriceRule price, ImageRule image) {}

    private Map<String, Rules> rules = Map.of();

    protected Tenants() {} // for the client proxy

    @Inject
    public Tenants(
            @Plugin("tea.price") PriceRule teaPrice,
            @Plugin("tea.image") ImageRule teaImage,
            @Plugin("books.price") PriceRule booksPrice,
            @Plugin("books.image") ImageRule booksImage) {
        rules = Map.of("tea", new Rules(teaPrice, teaImage), "books", new Rules(booksPrice, booksImage));
    }

    public Map<String, Rules> all() {
        return rules;
    }
}
