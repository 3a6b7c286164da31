import { route } from 'routemeter';

export default defineNuxtPlugin(() => {
  const page = useRoute().matched.at(-1);
  if (page) route(page.path);
});
