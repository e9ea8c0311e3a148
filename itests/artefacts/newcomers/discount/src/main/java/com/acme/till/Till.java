package com.acme.till;

import com.acme.Discount;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.sallyport.SallyportException;

/** Is there as long as the plugin is. */
@Component(service = Till.class, immediate = true)
public final class Till {
    @Activate
    public Till(@Reference(target = "(sallyport.plugin=acme.discount)") Discount discount) {
        try {
            System.out.println("till: 200 becomes " + discount.price(200));
        } catch (SallyportException e) {
            System.out.println("till: no discount today, " + e.getMessage());
        }
    }
}
