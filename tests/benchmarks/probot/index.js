// An App that takes pushes and does nothing: the least that a receiver made with Probot costs.
import { run } from "probot";

run((app) => {
  app.on("push", () => {});
});
