import Koa from 'koa';
import Router from 'koa-router';
import { serve } from '../koa/routed.mjs';

serve(Koa, Router);
