package org.sallyport.itests.servers.app;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.sallyport.cdi.Plugin;

/** An ordinary bean that has its prices made by a plugin. */
@ApplicationScoped
public class Shop {
    @Inject
    @Plugin("discount")
    private Discount discount;

    public int price(int cents) {
        return discount.price(cents);
    }
}
